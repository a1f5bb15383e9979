"""Buckets: objects on S3, R2 and whatever speaks their protocol.

address      Location: which bucket, which prefix, which service
credentials  Keys: who asks, found in the environment, the app's secrets, a profile
client       Client: what can be done with a bucket, and the values it answers with; `connect`
bucket       Bucket: the client, over two engines in threads; asks again what may pass
engine       what an engine is, and how long a request may take; engines opens those of a bucket
obs, boto    the engines: obstore moves the data, boto3 does what it lacks and stands in for it
receiving    objects read in ranges ahead; proving: small ones checked by their etags
sending      objects put whole or in parts; probing: what a service can do
service      where requests go; signature, wire and listing: those made without a library
errors       the libraries' failures as the tree's, without secrets
objects      the store's large contents in a bucket

naming       keys as paths and back; order: their order as that of names
entries      looking and listing; changing: writing, moving, removing; spool: what has no length yet
provider     a bucket as a mount
"""
