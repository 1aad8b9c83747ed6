/*
 * A plot of values over time as bars, in SVG that stretches to the width it
 * gets. Its labels are HTML beside it, so that they stay readable when it is
 * narrow. It has no colours of its own: console.css gives them.
 */
#ifndef SERVER_PLOT_H
#define SERVER_PLOT_H

#include "base/buffer.h"

enum { PLOT_BARS = 60 };

typedef struct plot_bar {
    double value;
    double limit;      /* below which it has to stay; 0: none */
    int64_t throttled; /* requests */
} plot_bar;

typedef struct plot_series {
    const char *title;
    const char *unit;  /* of values */
    const char *begin; /* the label of the left end */
    const char *end;
    plot_bar bars[PLOT_BARS]; /* the oldest first */
} plot_series;

void plot_add(dyn_buffer *out, const plot_series *series);

#endif
