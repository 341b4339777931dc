"""Rules about two loads of one extract that write the same rows to the same place."""
