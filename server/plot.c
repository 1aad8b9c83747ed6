/* Plots; the contract is in plot.h. */
#include "plot.h"

#include "html.h"

#include <stdio.h>

enum { BAR = 10, GAP = 2, HEIGHT = 1000, WIDTH = PLOT_BARS * BAR };

/* The least of 1, 2, 5, 10, 20, ... that is no less, from 0.1 on. */
static double round_up(double value)
{
    static const double steps[] = {1, 2, 5};
    for (double scale = 0.1;; scale *= 10) {
        for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
            if (steps[i] * scale >= value) return steps[i] * scale;
        }
    }
}

/* A limit far above all values would leave nothing to be seen of these. */
static double top_of(const plot_series *series)
{
    enum { FAR = 4 };
    double value = 0;
    double limit = 0;
    for (size_t i = 0; i < PLOT_BARS; i++) {
        const plot_bar *bar = &series->bars[i];
        if (bar->value > value) value = bar->value;
        if (bar->limit > limit) limit = bar->limit;
    }
    if (value == 0 || (limit > value && limit < FAR * value)) value = limit;
    return round_up(value);
}

static int64_t height_of(double value, double top)
{
    return (int64_t)(value / top * HEIGHT + 0.5);
}

static void add_value(dyn_buffer *out, double value)
{
    char text[32];
    snprintf(text, sizeof(text), value < 10 ? "%.2g" : "%.0f", value);
    html_number(out, dyn_bytes_text(text));
}

static void add_bar(dyn_buffer *out, const plot_bar *bar, int64_t x, double top)
{
    int64_t height = height_of(bar->value, top);
    if (bar->throttled > 0)
        html_add(out,
                 "<rect class=\"throttled\" x=\"%d\" y=\"0\" width=\"%d\" "
                 "height=\"%d\"><title>%d throttled</title></rect>",
                 x, (int64_t)BAR, (int64_t)HEIGHT, bar->throttled);
    if (bar->value <= 0) return;
    if (height == 0) height = 1;
    html_add(out,
             "<rect class=\"bar\" x=\"%d\" y=\"%d\" width=\"%d\" "
             "height=\"%d\"><title>",
             x, HEIGHT - height, (int64_t)(BAR - GAP), height);
    add_value(out, bar->value);
    html_add(out, " a second</title></rect>");
}

/* A line at the limit of each bar that has one. */
static void add_limits(dyn_buffer *out, const plot_series *series, double top)
{
    bool is_drawn = false;
    for (int64_t i = 0; i < PLOT_BARS; i++) {
        double limit = series->bars[i].limit;
        if (limit <= 0 || limit > top) continue;
        html_add(out,
                 is_drawn ? "M%d %dh%d"
                          : "<path class=\"limit\" d=\"M%d "
                            "%dh%d",
                 i * BAR, HEIGHT - height_of(limit, top), (int64_t)BAR);
        is_drawn = true;
    }
    if (is_drawn) html_add(out, "\"/>");
}

static void add_caption(dyn_buffer *out, const plot_series *series)
{
    int64_t throttled = 0;
    double limit = 0;
    for (size_t i = 0; i < PLOT_BARS; i++) {
        throttled += series->bars[i].throttled;
        if (series->bars[i].limit > 0) limit = series->bars[i].limit;
    }
    html_add(out, "<figcaption><b>%s</b> <span>%s</span>", series->title,
             series->unit);
    if (limit > 0) {
        html_add(out, " <span class=\"key-limit\">");
        add_value(out, limit);
        html_add(out, " provisioned</span>");
    }
    if (throttled > 0)
        html_add(out, " <span class=\"key-throttled\">%d throttled</span>",
                 throttled);
    html_add(out, "</figcaption>");
}

void plot_add(dyn_buffer *out, const plot_series *series)
{
    double top = top_of(series);
    html_add(out, "<figure class=\"plot\">");
    add_caption(out, series);
    html_add(out, "<div class=\"scale\" aria-hidden=\"true\"><span>");
    add_value(out, top);
    html_add(out, "</span><span>");
    add_value(out, top / 2);
    html_add(out,
             "</span><span>0</span></div><svg viewBox=\"0 0 %d %d\" "
             "preserveAspectRatio=\"none\" role=\"img\" aria-label=\"%s, %s\">"
             "<path class=\"grid\" d=\"M0 1H%dM0 %dH%d\"/>",
             (int64_t)WIDTH, (int64_t)HEIGHT, series->title, series->unit,
             (int64_t)WIDTH, (int64_t)HEIGHT / 2, (int64_t)WIDTH);
    for (int64_t i = 0; i < PLOT_BARS; i++)
        add_bar(out, &series->bars[i], i * BAR, top);
    add_limits(out, series, top);
    html_add(out,
             "</svg><div class=\"times\" aria-hidden=\"true\"><span>%s</span>"
             "<span>%s</span></div></figure>",
             series->begin, series->end);
}
