"""The doctor makes the same calls as a task, and reports missing permissions and ignored preconditions."""
