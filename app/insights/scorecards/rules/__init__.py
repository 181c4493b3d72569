"""What a scorecard says, decided from plain values: period, own part, comparison, document."""
