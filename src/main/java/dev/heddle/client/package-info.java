/** The Java client: blocking calls that run commands on a Heddle server. */
package dev.heddle.client;
