"""Apps: taking stock of those that can touch an org, and what people decide about them."""
