"""How clients of other services are generated: by openapi-python-client, with templates of ours."""
