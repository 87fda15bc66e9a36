//! Understands one e-mail from a property portal; knows no tenant, database or network.
