"""Every kind of file that `python -m deploy generate` prints, and what is asked for it."""

from __future__ import annotations

from deploy.blanks import IMAGE, NAME, PATH, PORT, TARGET, Blank, Form, Shape


def _variable(option: str, name: str, default: str, meaning: str, shape: Shape = PATH) -> Blank:
    """A line of .env.example, which is off while the answer is the default."""
    line = f"{name}={{}}"
    return Blank(option, default, meaning, shape, f"# {line}", instead=line)


FORMS: dict[str, Form] = {
    "systemd": Form(
        ("retailxai.service", "deploy/retailxai-failed@.service"),
        (
            Blank("folder", "/opt/retailxai/current", "where the program lies", PATH, "{}"),
            Blank("user", "retailxai", "who it runs as", NAME, "User={}"),
            Blank("group", "retailxai", "that user's group", NAME, "Group={}"),
        ),
    ),
    "docker": Form(
        ("Dockerfile", ".dockerignore"),
        (
            Blank("base", "python:3.11.14-slim-bookworm", "what it is built on", IMAGE,
                  "ARG BASE={}"),
        ),
    ),
    "compose": Form(
        ("compose.yaml",),
        (
            Blank("image", "retailxai:0.1.0", "the program's image", IMAGE, "image: {}"),
            Blank("postgres", "postgres:18.1-bookworm", "PostgreSQL's image", IMAGE, "image: {}"),
            Blank("port", "8717", "where this machine's loopback answers", PORT, "127.0.0.1:{}:"),
        ),
    ),
    "env": Form(
        (".env.example",),
        (
            _variable("data", "RETAILXAI_DATA_DIR", "data", "all that is kept"),
            _variable("logs", "RETAILXAI_LOG_DIR", "logs", "log files"),
            _variable("reports", "RETAILXAI_REPORTS_DIR", "reports", "weekly reports"),
            _variable("port", "RETAILXAI_WEB_PORT", "8717", "of /health and /metrics", PORT),
        ),
    ),
    "prometheus": Form(
        ("deploy/prometheus/prometheus.yml", "deploy/prometheus/alerts.yml"),
        (
            Blank("target", "127.0.0.1:8717", "where the daemon answers", TARGET, '["{}"]'),
            Blank("rules", "/etc/prometheus/retailxai-alerts.yml", "where Prometheus finds "
                  "alerts.yml", PATH, "- {}"),
        ),
    ),
    "logrotate": Form(
        ("deploy/retailxai.logrotate",),
        (
            Blank("logs", "/var/log/retailxai", "the folder of its log files", PATH, "{}/"),
            Blank("user", "retailxai", "who it runs as; its group is called so too", NAME,
                  "su {} {}"),
        ),
    ),
}  # fmt: skip
