//! The script as it is served.

use axum::body::Body;
use axum::http::{Request, header};

use super::Site;
use crate::support::Reply;

async fn load(site: &Site, file: &str, tag: Option<&str>) -> Reply {
    let mut request = Request::get(format!("/widget/{file}"));
    if let Some(tag) = tag {
        request = request.header(header::IF_NONE_MATCH, tag);
    }
    site.stage.test.call(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn it_is_small_runs_on_other_origins_and_is_kept_by_browsers() {
    let site = Site::new().await;
    let file = format!("{}.js", site.key);
    let reply = load(&site, &file, None).await;
    assert_eq!(reply.status, 200);
    assert!(reply.body.len() < 15_000, "{} bytes", reply.body.len());
    for (name, value) in [
        ("content-type", "text/javascript; charset=utf-8"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("access-control-allow-origin", "*"),
        ("cache-control", "public, max-age=3600, stale-while-revalidate=86400"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(reply.header(name), value, "{name}");
    }
    let text = reply.text();
    assert!(!text.contains(&site.key) && !text.contains("Agentur"), "it says nothing about an agency");
    assert!(!text.contains("innerHTML") && !text.contains("eval("), "it makes no markup and no code from text");

    let tag = reply.header("etag").to_owned();
    for tags in [tag.as_str(), "*", &format!("\"x\", W/{tag}")] {
        let kept = load(&site, &file, Some(tags)).await;
        assert_eq!((kept.status.as_u16(), kept.body.len()), (304, 0), "{tags}");
        assert_eq!(kept.header("etag"), tag);
    }
    assert_eq!(load(&site, &file, Some("\"x\"")).await.status, 200);
}

#[tokio::test]
async fn a_key_that_is_unknown_has_no_script() {
    let site = Site::new().await;
    for file in ["imw_x.js", &site.key, &format!("{}.map", site.key), "%00.js"] {
        load(&site, file, None).await.problem(404);
    }
}
