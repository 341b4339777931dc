"""The main job on embedded defaults: an S3 server, sample files, workflows, and what became of each object."""
