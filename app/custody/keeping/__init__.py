"""How long what is kept: months for each class of data, a hold on all of it, and the nightly run that lets go."""
