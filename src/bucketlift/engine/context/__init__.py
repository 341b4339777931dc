"""What every step of a run uses: its context, lease, cancellation, retries, progress and local copies."""
