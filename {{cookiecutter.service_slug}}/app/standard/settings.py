"""The names that settings had until version 1.1 of the template; now they are in service."""

from app.standard.service import CommaSeparated, ServiceSettings, SettingsError, load_settings
