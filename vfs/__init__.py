"""The virtual filesystem: paths, nodes, mounts, the tree. Standard library only."""
