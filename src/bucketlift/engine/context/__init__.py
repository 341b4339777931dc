"""What all steps of a run use: context, lease, cancellation, retries, progress and local copies."""
