"""Rules of transforms: the fields and the types of their rows."""
