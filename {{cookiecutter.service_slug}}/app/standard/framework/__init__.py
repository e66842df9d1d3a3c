"""The web framework: from all that the modules have added, it makes the application that serves.

``create_app`` calls ``assemble``; nothing else knows which framework it is.
"""

from app.standard.framework.assembly import assemble

# {%- if cookiecutter.framework == "flask" +%}
from app.standard.framework.flask_app import FlaskSettings

# {%- endif +%}
