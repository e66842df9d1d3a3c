"""A service of the template, made from one on Connexion 2 or Flask: ``nox -s migrate``."""
