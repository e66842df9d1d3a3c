"""The tool that makes a service of the template from one on Connexion 2 or Flask."""
