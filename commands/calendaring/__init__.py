"""What the `calendar` command does: a part a module; events come by `Tree.between`, changes go by verbs."""
