//! Mail and page templates: compiled in, HTML escaped by file name.

use std::sync::Arc;

use minijinja::Environment;
use serde::Serialize;

/// A template that is missing or broken.
#[derive(Debug, thiserror::Error)]
#[error("template cannot be rendered")]
pub struct TemplateError(#[from] minijinja::Error);

/// All templates. Cloning shares them.
#[derive(Clone)]
pub struct Templates(Arc<Environment<'static>>);

macro_rules! sources {
    ($($name:literal),* $(,)?) => { [$(($name, include_str!(concat!("../templates/", $name)))),*] };
}

impl Templates {
    /// Reads all templates.
    ///
    /// # Errors
    /// When one has a syntax error.
    pub fn new() -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        for (name, source) in sources![
            "mail/chat.txt",
            "mail/message.txt",
            "mail/message.html",
            "mail/notification.txt",
            "mail/notification.html",
            "viewings/de.txt",
            "viewings/en.txt",
            "viewings/fr.txt",
            "viewings/it.txt",
            "viewings/es.txt",
            "follow_ups/de.txt",
            "follow_ups/en.txt",
            "follow_ups/fr.txt",
            "follow_ups/it.txt",
            "follow_ups/es.txt",
            "dev/layout.html",
            "dev/list.html",
            "dev/mail.html",
            "pages/layout.html",
            "pages/contact.html",
            "pages/notice.html",
            "pages/choose.html",
            "pages/appointment.html",
            "pages/cancel.html",
            "pages/unsubscribe.html",
        ] {
            environment.add_template(name, source)?;
        }
        Ok(Self(Arc::new(environment)))
    }

    /// Renders one.
    ///
    /// # Errors
    /// When it is missing or does not fit the context.
    pub fn render(&self, name: &str, context: impl Serialize) -> Result<String, TemplateError> {
        Ok(self.0.get_template(name)?.render(minijinja::value::Serde(context))?)
    }
}
