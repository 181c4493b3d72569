"""What can be done about plans and payments: `counting` (limits), `paying` (reading only), `subscribing` (towards
Stripe), `hearing` (from Stripe), `metering` (telling Stripe what was used)."""
