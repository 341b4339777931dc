"""Writers of file formats. The same rows always give the same bytes, however they are divided into batches."""
