"""Stories, rules, vectors and contracts. `conftest.py` gives every test its database."""
