"""Whether the contract is shown."""

from app.standard.service import ServiceSettings


class ContractSettings(ServiceSettings):
    """What is served of the contract beside its operations."""

    serve_api_docs: bool = True
