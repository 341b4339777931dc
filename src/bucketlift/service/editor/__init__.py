"""Services for the drafts of workflows that users edit on the page."""
