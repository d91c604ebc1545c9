"""The shipped policies; where callers want types, a policy's folder is a package with a thin facade."""
