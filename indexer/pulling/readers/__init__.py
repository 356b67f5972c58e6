"""What a source answers (a feed, a sitemap, a list page, the API of korea.kr) -> the items that it lists."""
