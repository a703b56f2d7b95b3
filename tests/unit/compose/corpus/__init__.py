"""Documents as projects have them: hand-written shapes, each in several layouts."""
