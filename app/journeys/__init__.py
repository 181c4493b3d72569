"""Who delivers what: journeys, stages and touchpoints, and the department or partner that answers for each. Owns:
journey, stage, touchpoint, department."""
