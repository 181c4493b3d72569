"""Survey design: the grammar of a survey, its question types, its conditions and its texts in many languages.

The room turns a definition that came from outside into a `Survey` that the rest of the house can trust, and
says by pointer what is wrong with one that it refuses. It owns the words survey, survey version, definition,
question, option, question type, condition and score.
"""
