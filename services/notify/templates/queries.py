"""Which text a message is composed of: the agency's own, or else the common one."""

from __future__ import annotations

import logging

from services.notify.channels.domain import Channel
from services.notify.templates.domain import Template, TemplateError
from services.notify.templates.store import Override, own_text
from services.notify.templates.template_loader import all_templates
from shared.persistence.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)


def common_template(channel: Channel, language: str, name: str) -> Template | None:
    """The text that all agencies use; None if no message of this kind uses the channel."""
    return all_templates()[(channel, language)].get(name)


def effective_template(work: UnitOfWork, agency: str, channel: Channel, language: str, name: str) -> Template | None:
    """The text in force for an agency; None if no message of this kind uses the channel.

    Args:
        work: the transaction.
        agency: whose act the message tells; empty for nobody's.
        channel: by which it is sent.
        language: ``vi`` or ``en``.
        name: of the template.
    """
    own = own_text(work, agency, channel, language, name)
    if own is not None:
        try:
            return template_of(own)
        except TemplateError:  # written for placeholders that an older version had
            log.warning("the text of %s for %s %s %s is not valid any more", agency, channel, language, name)
    return common_template(channel, language, name)


def template_of(own: Override) -> Template:
    """An agency's own text as a template.

    Raises:
        services.notify.templates.domain.TemplateError: it is not valid.
    """
    version = f"{own.agency}/{own.version}"[:40]
    return Template(own.name, own.text, own.folded, own.channel, own.language, own.subject, "", version)
