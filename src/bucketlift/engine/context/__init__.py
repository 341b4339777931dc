"""What every step of a run uses: its context, its lease, cancellation, retries, progress and local copies."""
