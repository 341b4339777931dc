"""A listing alone, by the client that Bucketlift uses: every page of a prefix, every key looked at.

python listing.py BUCKET PREFIX
"""

import os
import sys

import boto3

bucket, prefix = sys.argv[1:]
client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
sys.stdout.write(f"{sum(len(page.get('Contents', [])) for page in pages)}\n")
