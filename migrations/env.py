"""Alembic's entry: runs the migrations on the connection it is given; it never imports the product."""

from alembic import context


def render_item(kind, item, _autogen_context):
    """Column types of our own are written as what they are in the database."""
    if kind == "type" and type(item).__name__ == "Moment":
        return "sa.BigInteger()"
    if kind == "type" and getattr(item, "_variant_mapping", None):
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes.get("metadata"),
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
