"""The names that WordPress themes give to the parts of a page: class names and ids, from 2004 to block themes.

All tables, no code. Where order matters the surest name stands first. Sources: the default themes that WordPress
shipped (Kubrick, Twenty Ten to Twenty Twenty-Four), the theme families Sandbox, K2, Hemingway, Thesis and PageLines, the
themes of WordPress.com, the microformats hAtom (https://microformats.org/wiki/hatom) and h-entry
(https://microformats.org/wiki/h-entry), and the plugins that add to a post.
"""

from __future__ import annotations

# --- regions of the page -------------------------------------------------------------------------------------------

# Never part of the post or of its comments: what hangs below one of these is not looked at.
OUTSIDE = frozenset(
    """sidebar sidebar1 sidebar2 sidebar-1 sidebar-2 sidebar-primary sidebar-secondary widget widget-area widget_text
    widget_recent_comments widget_recent_entries widgets wp-block-latest-comments wp-block-latest-posts wp-block-query
    recentcomments recent-comments site-footer main-navigation site-navigation menu nav-menu blogroll footcols
    wp-block-template-part-footer comment-respond site-sidebar bottomcontainerbox latest_posts""".split()
)
# Blogger calls all parts of a page widgets, the posts and the header too.
INSIDE = frozenset("Blog Header".split())
# What is never in a sidebar: there it only stands because a broken page does not close the sidebar before it.
INSIDE_IDS = frozenset("content comments commentlist".split())
OUTSIDE_IDS = frozenset(
    """sidebar sidebar1 sidebar2 sidebar-left sidebar-right l_sidebar r_sidebar footer colophon commentform
    recentcomments access navigation-menu primary-nav""".split()
)
# The container of one post.
ENTRY = ("hentry", "h-entry", "type-post", "type-page", "singlepost", "post", "blogpost", "single-post", "entry")
ENTRY_ITEM_TYPES = ("BlogPosting", "Article", "NewsArticle", "Blogposting")
# The words of the post. The names of the last line are too common to be trusted outside a post's container.
BODY = (
    "e-content entry-content entry_content entrytext post-content post_content postcontent post-entry post-body postbody "
    "asset-content entry-body blogbody storycontent storytext itemtext article-content single-content single-entry-content "
    "postentry wp-block-post-content format_text snap_preview post-text posttext articlebody entry-text"
).split()
BODY_IN_ENTRY = ("entry", "content", "text", "story", "copy", "body", "post-inner", "main", "inside")
TITLE = (
    "entry-title p-name wp-block-post-title post-title posttitle post_title storytitle entry_title title article-title "
    "single-title blog-title-single headline asset-name"
).split()
# Links to the post itself, or what holds one and nothing else.
PERMALINK = ("post-canonical", "permalink", "post-permalink", "permanent-link", "timestamp-link")
BLOG_TITLE = ("site-title", "wp-block-site-title", "blog-title", "site-name", "blogtitle", "mainlogo-link")
BLOG_TITLE_IDS = ("blog-title", "banner-header", "header-name")
BLOG_DESCRIPTION = ("site-description", "wp-block-site-tagline", "tagline", "description")

# --- facts about the post ------------------------------------------------------------------------------------------

AUTHOR = (
    "p-author fn author-name wp-block-post-author__name wp-block-post-author-name postauthor post-author post_author "
    "entry-author author byline"
).split()
# Elements whose attribute or text is the date and nothing else.
DATE = (
    "dt-published published entry-date post-date postdate post_date wp-block-post-date posted-on chronodata date time cal "
    "date-header day timestamp datetime"
).split()
# Elements that hold the date among other facts.
BYLINE = (
    "entry-meta entry_meta post-meta post_meta postmeta postmetadata byline post-info postinfo post_info post-byline "
    "meta metabar headline_meta metadata descr entry-header post-header entry-utility postmetabox post-details "
    "entry-footer post-footer postfooter posted submitted published_by asset-meta asset-footer post-footer-line "
    "post-footers post-timestamp"
).split()

# --- what is inside a post's body without being the author's words --------------------------------------------------

FURNITURE = frozenset(
    """sharedaddy sd-sharing sd-sharing-enabled sd-like jp-relatedposts jp-post-flair robots-nocontent wpcnt wpa
    addtoany_share_save_container addtoany_content addtoany_content_bottom addtoany_content_top a2a_kit shareaholic-canvas
    heateor_sss_sharing_container heateorsssc simplesocialbuttons ssba ssbp-wrap essb_links sociable sociable-hovers
    akst_share akst_link tweetmeme_button tweetmeme dd_post_share dd_outer really_simple_share socialize-containter
    digg-button twitter-share-button fb-like fb-share-button wp_plus_one_button social-share share-buttons sharebar
    post-share entry-share sharing snap_nopreview feedflare iLikeThis post-ratings wp-polls-archive
    related_post related-posts relatedposts yarpp yarpp-related crp_related st-related-posts similar-posts
    wp_rp_wrap zem_rp_wrap nrelate ssp_related
    postmetadata entry-meta post-meta postmeta entry-utility entry-footer post-footer post-info postinfo metabar byline
    posted asset-meta asset-footer
    entry-tags post-tags tags-links cat-links wp-block-post-terms wp-block-post-date wp-block-post-author
    navigation post-navigation nav-links nav-single nav-previous nav-next post-nav pagination page-links page-link
    wp-link-pages link-pages wp-block-post-navigation-link wp-block-comments wp-block-query-pagination
    edit-link post-edit-link comment-edit-link edit_post more-from author-box author-info authorbox about-author
    entry-author-info abh_box saboxplugin-wrap comments-link addcomment post-comments respond comment-form
    adsbygoogle wordads-ad-wrapper inline-ad-slot assistive-text""".split()
)
FURNITURE_IDS = frozenset(
    """jp-post-flair jp-relatedposts sharebar wordads-inline-marker author-info entry-author-info related-posts related
    respond""".split()
)
# A heading right before a list that is furniture goes with it ("Share this", "Related posts").
HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
BLOCKS = frozenset("p div blockquote ul ol dl pre table section article figure hr h1 h2 h3 h4 h5 h6".split())
# Elements that never hold an author's words.
DROPPED_TAGS = frozenset("script style template form button input select textarea nav link meta head title svg".split())

# --- comments ------------------------------------------------------------------------------------------------------

COMMENT_LISTS = frozenset(
    """commentlist comment-list commentslist comments-list comment_list commentList comments_list pinglist pingbacklist
    trackbacklist pings-list wp-block-comment-template comment-thread""".split()
)
COMMENT_LIST_IDS = frozenset(
    "commentlist comment-list commentslist comments-list comments_list comments-block pinglist trackbacklist trackbacks "
    "pingbacks pings".split()
)
COMMENT_CHILDREN = frozenset(("children",))
PING_LISTS = frozenset("pinglist pingbacklist trackbacklist pings-list trackbacks pingbacks pings".split())
PINGS = frozenset("pingback trackback ping".split())
# One comment. A div with such a class counts only on a page without any numbered comment.
COMMENT = frozenset("comment altcomment u-comment h-cite commentbox comment-item single-comment comments-body".split())
# TYPO3 numbers the parts of an article as others do comments ("c456").
NOT_COMMENT = frozenset("csc-default csc-frame frame".split())
DELETED = frozenset(("deleted-comment",))
UNAPPROVED = frozenset("unapproved comment-awaiting-moderation awaiting-moderation moderation".split())
COMMENT_BODY = (
    "comment-content comment_content commentcontent wp-block-comment-content comment-text comment_text commenttext "
    "comment-entry comment-copy comment-bodytext e-content commentbody comment-inner-content comment_body comment-body text"
).split()
COMMENT_AUTHOR = (
    "fn p-author user comment-author-name comment-author-link commentauthor comment_author authorname commenter commenter-name "
    "comment-author author wp-block-comment-author-name"
).split()
COMMENT_DATE = (
    "dt-published published comment-date comment-time comment_date comment-timestamp commentdate wp-block-comment-date "
    "comment-published commentmetadata comment-metadata comment-meta comment_meta commentmeta commentmeta2 date time cmd meta "
    "comments-post posted datetime comment-footer comment-author vcard"
).split()
# Parts of a comment that are not its words.
COMMENT_HEADER = frozenset(
    """vcard comment-author commentauthor comment_author commentmetadata comment-metadata comment-meta comment_meta
    commentmeta commentmeta2 comment-header comment-head commenthead comment_head comment-info comment-footer who says
    avatar gravatar photo reply comment-reply comment-reply-link comment_reply commentnum comment-number commentnumber
    comment-count count comment-date comment-time comment-edit-link edit-link edit-comment comment-actions comment-tools
    comment-permalink comment-awaiting-moderation cld-like-dislike-wrap comment-rating karma comment-author-name
    comment-author-link comments-post wp-block-comment-author-name wp-block-comment-date wp-block-comment-edit-link
    wp-block-comment-reply-link wp-block-avatar fn comment-timestamp avatar-image-container item-control thread-toggle
    comment-replies datetime posted""".split()
)

# Parts that only an element around the whole comment contains.
COMMENT_HEADER_SIGNS = frozenset(
    "vcard comment-author commentmetadata comment-meta commentmeta fn commentauthor comment-header".split()
)

# --- body classes --------------------------------------------------------------------------------------------------
# WordPress 2.8 and later: https://developer.wordpress.org/reference/functions/body_class/; Movable Type 4 and later: the
# templates "Entry", "Page", "Main Index", ... (``mt-entry-archive``); Blogger's themes of 2017: ``item-view``, ``feed-view``.

BODY_CLASS_SINGLE = frozenset("single single-post singular postid mt-entry-archive item-view".split())
BODY_CLASS_PAGE = frozenset("page mt-page-archive static-view".split())
BODY_CLASS_LISTING = frozenset(
    """blog archive category tag author date search search-results search-no-results paged mt-main-index mt-archive-index
    mt-archive-listing mt-category-archive mt-monthly-archive mt-search-results feed-view archive-view search-view label-view
    homepage-view""".split()
)
BODY_CLASS_NOT_A_POST = frozenset(
    "error404 login wp-login error-404 mt-dynamic-error mt-comment-preview error-view".split()
)
BODY_CLASS_ATTACHMENT = frozenset("attachment single-attachment".split())
