/** Values of options: how their words are read. */
package dev.heddle.cli.value;
