"""What a tenant has bought, how much of it is used, and how it pays. Owns: plan, subscription, usage, trial, grace.

The only room that talks to Stripe, in `gateway` and `signatures`. Without STRIPE_API_KEY it does nothing at all: no
statement, no page, no limit. Rooms above ask `service.counting` before they count an answer or send a mail.
"""
