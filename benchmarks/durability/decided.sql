-- How many slots of the last days have a decision.
select count(*) as decided from job_run
 where job = %(job)s and slot = any(%(slots)s);
