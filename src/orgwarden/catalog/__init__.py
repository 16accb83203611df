"""Content, one small file each: what is collected, checked, detected."""
