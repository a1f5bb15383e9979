"""Buckets: objects on S3, R2 and whatever speaks their protocol.

address      Location: which bucket, which prefix, which service
credentials  Keys: who asks, found in the environment, the app's secrets, a profile
client       Client: what can be done with a bucket, and the values it answers with; `connect`
obs, boto    the two clients: obstore moves the data, boto3 does what it lacks and stands in for it
errors       the libraries' failures as the tree's, without secrets
objects      the store's large contents in a bucket
"""
