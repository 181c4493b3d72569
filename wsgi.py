"""The WSGI application, with static files served in front of it."""

from __future__ import annotations

from whitenoise import WhiteNoise

from app import create_app
from app.web.assets import IMMUTABLE, STATIC_ROOT, STATIC_URL

app = create_app()
app.wsgi_app = WhiteNoise(  # type: ignore[method-assign] # as Flask itself advises
    app.wsgi_app, root=str(STATIC_ROOT), prefix=STATIC_URL, immutable_file_test=IMMUTABLE
)
