"""The services that were made from the template, looked at and updated together."""
