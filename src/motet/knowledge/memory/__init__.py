"""What was said and done, remembered per user, session and system."""
