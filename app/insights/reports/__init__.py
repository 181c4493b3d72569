"""What is read on paper: a scorecard as a PDF, with the words and drawings of its page. Owns: report."""
