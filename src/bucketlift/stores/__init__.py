"""Access to S3. Every read, copy and delete is a call with a precondition, so that it acts only on the pinned
version.
"""
