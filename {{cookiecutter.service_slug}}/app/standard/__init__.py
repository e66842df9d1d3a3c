"""What is the same in every service; owned by the template and updated by it."""
