/** This process as its starter sees it: standard streams, signals and exit codes. */
package dev.heddle.cli.local;
