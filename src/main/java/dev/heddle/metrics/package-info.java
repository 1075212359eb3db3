/** Figures for Prometheus, over HTTP. Nothing here is loaded unless it is asked for. */
package dev.heddle.metrics;
