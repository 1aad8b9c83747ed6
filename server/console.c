/* Addresses of the console, and what a request has to be; the contract is in
 * console.h. */
#include "console.h"

#include "console_files.h"
#include "console_pages.h"
#include "guard.h"

#define ROOT "/console/"

/* No script, style or picture but our own, no frame around a page, and forms
 * that go nowhere else. */
#define POLICY                                                                 \
    "default-src 'none'; script-src 'self'; style-src 'self'; "                \
    "img-src 'self'; form-action 'self'; base-uri 'none'; "                    \
    "frame-ancestors 'none'"
#define PICTURE_POLICY "default-src 'none'; style-src 'unsafe-inline'"

/* Addresses of pages may be long, and are not sent a second time as a Referer;
 * with `no-referrer`, browsers would send `Origin: null`, too. */
#define COMMON_HEADERS                                                         \
    {"X-Content-Type-Options", "nosniff"}, {"X-Frame-Options", "DENY"},        \
        {"Referrer-Policy", "strict-origin"},                                  \
        {"Cross-Origin-Resource-Policy", "same-origin"},                       \
        {"Cross-Origin-Opener-Policy", "same-origin"},                         \
    {                                                                          \
        "Cache-Control", "no-store"                                            \
    }

static const answer_header page_headers[] = {
    {"Content-Security-Policy", POLICY}, COMMON_HEADERS, {NULL, NULL}};
static const answer_header picture_headers[] = {
    {"Content-Security-Policy", PICTURE_POLICY}, COMMON_HEADERS, {NULL, NULL}};
static const answer_header read_headers[] = {
    {"Content-Security-Policy", POLICY},
    {"Allow", "GET, HEAD"},
    COMMON_HEADERS,
    {NULL, NULL}};
static const answer_header write_headers[] = {
    {"Content-Security-Policy", POLICY},
    {"Allow", "POST"},
    COMMON_HEADERS,
    {NULL, NULL}};

#define HTML "text/html; charset=utf-8"
#define SVG  "image/svg+xml"

/* -------------------------------------------------------------- addresses --
 */

static const struct address {
    const char *path; /* behind ROOT */
    page_maker *make;
    const char *title;
    page_tab tab;
    bool writes;
} addresses[] = {
    {"", console_tables, "Tables", TAB_NONE, false},
    {"activity", console_activity, "Activity", TAB_NONE, false},
    {"table", console_table, "Overview", TAB_OVERVIEW, false},
    {"items", console_items, "Items", TAB_ITEMS, false},
    {"item", console_item, "Item", TAB_ITEMS, false},
    {"new", console_new_item, "New item", TAB_ITEMS, false},
    {"remove", console_removal, "Delete", TAB_ITEMS, false},
    {"load", console_load, "Load", TAB_LOAD, false},
    {"stream", console_stream, "Stream", TAB_STREAM, false},
    {"save", console_save, "Save", TAB_ITEMS, true},
    {"delete", console_delete, "Delete", TAB_ITEMS, true},
};

static const struct file {
    const char *path;
    const char *type;
    const unsigned char *data;
    size_t size_bytes;
} files[] = {
    {"console.css", "text/css", console_css, sizeof(console_css)},
    {"console.js", "text/javascript", console_js, sizeof(console_js)},
    {"icon.svg", SVG, icon_svg, sizeof(icon_svg)},
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* The part of the path behind ROOT, for which / and /console stand, too. */
static dyn_bytes path_of(const http_request *request)
{
    dyn_bytes path = http_request_path(request);
    if (!dyn_bytes_begin_with(path, dyn_bytes_text(ROOT)))
        return (dyn_bytes){NULL, 0};
    const size_t root = sizeof(ROOT) - 1;
    return (dyn_bytes){path.data + root, path.size_bytes - root};
}

static const struct address *find_address(dyn_bytes path)
{
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        if (dyn_bytes_equal_text(path, addresses[i].path)) return &addresses[i];
    }
    return NULL;
}

static const struct file *find_file(dyn_bytes path)
{
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        if (dyn_bytes_equal_text(path, files[i].path)) return &files[i];
    }
    return NULL;
}

static bool is_method(const http_request *request, const char *method)
{
    return dyn_bytes_equal_text(request->method, method);
}

static bool reads(const http_request *request)
{
    return is_method(request, "GET") || is_method(request, "HEAD");
}

static bool takes_html(const http_request *request)
{
    static const char html[] = "text/html";
    dyn_bytes accepted = http_request_header(request, "accept");
    return accepted.data != NULL && memmem(accepted.data, accepted.size_bytes,
                                           html, sizeof(html) - 1) != NULL;
}

bool console_is_asked(const http_request *request)
{
    dyn_bytes path = http_request_path(request);
    if (dyn_bytes_equal_text(path, "/"))
        return reads(request) && takes_html(request);
    /* A client of the API has a target, and may have any path. */
    return http_request_header(request, "x-amz-target").data == NULL &&
           (dyn_bytes_equal_text(path, "/console") ||
            dyn_bytes_begin_with(path, dyn_bytes_text(ROOT)));
}

server_lane console_lane(const http_request *request)
{
    return is_method(request, "POST") ? LANE_ALONE : LANE_READ;
}

/* ---------------------------------------------------------------- answers --
 */

static void answer(http_answer *out, unsigned status, const char *type,
                   dyn_bytes body, const answer_header *more)
{
    *out = (http_answer){
        .status = status, .content_type = type, .body = body, .more = more};
}

static void answer_text(http_answer *out, unsigned status, const char *text,
                        const answer_header *more)
{
    answer(out, status, "text/plain; charset=utf-8", dyn_bytes_text(text),
           more);
}

/* Whether the request may go on; it is answered if not. */
static bool check_write(const http_request *request, http_answer *out)
{
    dyn_bytes type = http_request_header(request, "content-type");
    dyn_bytes form = dyn_bytes_text("application/x-www-form-urlencoded");
    size_t size =
        type.size_bytes < form.size_bytes ? type.size_bytes : form.size_bytes;
    if (!guard_origin_is_own(request))
        answer_text(out, 403,
                    "This request does not come from a page of the console. "
                    "Open the console, and send its form.\n",
                    page_headers);
    else if (!dyn_bytes_equal_nocase((dyn_bytes){type.data, size}, form) ||
             http_request_header(request, "content-encoding").data != NULL)
        answer_text(out, 415,
                    "A form is application/x-www-form-urlencoded, and not "
                    "packed.\n",
                    page_headers);
    else if (request->is_too_large)
        answer_text(out, 413, "A form has at most 16 MB.\n", page_headers);
    else if (request->is_refused)
        answer_text(out, 503, "Too many large requests at once; try again.\n",
                    page_headers);
    else
        return true;
    return false;
}

static dyn_bytes query_of(const http_request *request)
{
    dyn_bytes path = http_request_path(request);
    size_t begin = path.size_bytes < request->uri.size_bytes
                       ? path.size_bytes + 1
                       : path.size_bytes;
    return (dyn_bytes){request->uri.data + begin,
                       request->uri.size_bytes - begin};
}

/* What goes wrong where a page has nothing better to show. */
static void show_failure(console_page *page)
{
    dyn_buffer_begin(&page->out, page->call, 1024);
    html_add(&page->out, "<h1>%b</h1>", page->title);
    page_refusal(page, page_message(page));
    html_add(&page->out, "<p><a href=\"/console/\">All tables</a></p>");
}

static dyn_status lead(console_page *page, http_answer *out)
{
    answer_header *headers =
        dyn_alloc(page->call, sizeof(page_headers) + sizeof(*headers));
    if (headers == NULL) return DYN_NOMEM;
    headers[0] = (answer_header){"Location", (const char *)page->leads_to.data};
    memcpy(headers + 1, page_headers, sizeof(page_headers));
    answer_text(out, 303, "", headers);
    return DYN_OK;
}

static dyn_status make_page(console_page *page, page_maker *make,
                            http_answer *out)
{
    dyn_bytes document;
    dyn_buffer_begin(&page->out, page->call, 8192);
    dyn_status status = make(page);
    if (status == DYN_NOMEM) return status;
    if (status != DYN_OK) show_failure(page);
    if (status == DYN_OK && page->leads_to.size_bytes > 0)
        return lead(page, out);
    DYN_TRY(page_document(page, &document));
    answer(out, page->status, HTML, document, page_headers);
    return DYN_OK;
}

static dyn_status not_found(console_page *page)
{
    page->status = 404;
    html_add(&page->out, "<h1>Not found</h1><p class=\"note\">The console has "
                         "no such page.</p><p><a href=\"/console/\">All "
                         "tables</a></p>");
    return DYN_OK;
}

static dyn_status answer_page(console_page *page, const struct address *address,
                              const http_request *request, http_answer *out)
{
    page->title =
        dyn_bytes_text(address == NULL ? "Not found" : address->title);
    if (address == NULL) return make_page(page, not_found, out);
    if (address->writes ? !is_method(request, "POST") : !reads(request)) {
        answer_text(out, 405, "This page has another method.\n",
                    address->writes ? write_headers : read_headers);
        return DYN_OK;
    }
    if (address->writes && !check_write(request, out)) return DYN_OK;
    page->tab = address->tab;
    DYN_TRY(form_read(page->call,
                      address->writes ? request->body : query_of(request),
                      &page->form));
    if (address->tab != TAB_NONE)
        page->table = form_value(&page->form, "table");
    return make_page(page, address->make, out);
}

static dyn_status answer_heatmap(console_page *page,
                                 const http_request *request, http_answer *out)
{
    dyn_bytes picture;
    DYN_TRY(form_read(page->call, query_of(request), &page->form));
    page->table = form_value(&page->form, "table");
    DYN_TRY(console_heatmap(page, &picture));
    answer(out, 200, SVG, picture, picture_headers);
    return DYN_OK;
}

static dyn_status answer_path(console_page *page, const http_request *request,
                              http_answer *out)
{
    dyn_bytes path = path_of(request);
    const struct file *file = find_file(path);
    bool is_heatmap = dyn_bytes_equal_text(path, "heatmap.svg");
    if ((file != NULL || is_heatmap) && !reads(request)) {
        answer_text(out, 405, "This is only read.\n", read_headers);
        return DYN_OK;
    }
    if (is_heatmap) return answer_heatmap(page, request, out);
    if (file == NULL)
        return answer_page(page, find_address(path), request, out);
    answer(out, 200, file->type, (dyn_bytes){file->data, file->size_bytes},
           page_headers);
    return DYN_OK;
}

void console_answer(dyn_call *call, server_database *database,
                    const char *listened_on, const http_request *request,
                    http_answer *out)
{
    console_page page = {.call = call, .database = database, .status = 200};
    if (!guard_host_is_own(request, listened_on)) {
        answer_text(out, 403,
                    "The console is at localhost, at an address in digits, or "
                    "at the name that --host gives.\n",
                    page_headers);
        return;
    }
    if (!guard_may_read(request)) {
        answer_text(out, 403,
                    "A page of another site has no part of the "
                    "console in it.\n",
                    page_headers);
        return;
    }
    dyn_status status = answer_path(&page, request, out);
    if (status == DYN_OK) return;
    answer_text(out, status == DYN_NOMEM ? 500 : 400,
                status == DYN_NOMEM ? "out of memory\n" : page_message(&page),
                page_headers);
}
