"""Payment gateways: how their messages are signed (docs/payments.md), and a gateway for trying payments out on a machine of one's own."""
