//! stub
pub async fn watch(_: &crate::app::App, soft: tokio_util::sync::CancellationToken) -> anyhow::Result<()> {
    soft.cancelled().await;
    Ok(())
}
