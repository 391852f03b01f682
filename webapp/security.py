"""Headers on every response. What is archived is hostile: nothing inline runs, nothing is fetched from elsewhere."""

from __future__ import annotations

from flask import Flask, Response, request

from indexer.settings import Settings


def content_security_policy(images: bool) -> str:
    """The policy of every page; ``images`` lets archived pictures load from where the blog had them."""
    return "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            "script-src 'self'",
            f"img-src 'self' data:{' https: http:' if images else ''}",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def install(app: Flask, settings: Settings) -> None:
    """Set the headers, and let browsers revalidate pages instead of loading them again."""
    headers = {
        "Content-Security-Policy": content_security_policy(settings.images),
        "X-Content-Type-Options": "nosniff",
        # The address holds what the reader searched for: no linked site should learn it.
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }

    @app.after_request
    def secure(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)  # the logo has a policy of its own
        if response.mimetype == "text/html":
            response.cache_control.no_cache = True
            if response.status_code == 200 and request.method in ("GET", "HEAD"):
                response.add_etag()
                response.make_conditional(request)
        return response
